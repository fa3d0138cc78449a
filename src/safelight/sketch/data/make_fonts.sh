#!/bin/sh
# Make fonts/*.ttf from the unpacked npm packages @expo-google-fonts/* (0.4.x), with fonttools 4: make_fonts.sh NODE_MODULES
set -e
here=$(dirname "$0")/fonts
for row in sans:inter/500Medium/Inter_500Medium strong:inter/700Bold/Inter_700Bold display:anton/400Regular/Anton_400Regular \
    serif:dm-serif-display/400Regular/DMSerifDisplay_400Regular hand:caveat/700Bold/Caveat_700Bold \
    script:pacifico/400Regular/Pacifico_400Regular mono:jetbrains-mono/500Medium/JetBrainsMono_500Medium; do
    pyftsubset "$1/@expo-google-fonts/${row#*:}.ttf" --output-file="$here/${row%%:*}.ttf" --layout-features=kern,liga,calt --no-hinting \
        --unicodes="U+0020-024F,U+0370-03FF,U+0400-045F,U+2010-2027,U+2030-203A,U+20AC,U+2122,U+2190-2193,U+2212,U+2605"
done
