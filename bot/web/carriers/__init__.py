"""The ways by which texts come and go: SMS over HTTP, SMPP, WeChat; mail only goes. The rules are in `bot/helpline`."""
