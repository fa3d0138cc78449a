-- Tokens from before there were accounts speak for accounts too.
INSERT INTO accounts (username, name, type)
SELECT DISTINCT account, account, 'user' FROM tokens WHERE true ON CONFLICT DO NOTHING;
