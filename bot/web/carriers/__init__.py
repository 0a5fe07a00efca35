"""The ways by which texts come and go: SMS over HTTP, SMPP, WeChat. The rules are in `bot/helpline`."""
