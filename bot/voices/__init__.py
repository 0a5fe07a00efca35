"""Public letters (网上来信): 市长信箱, 点题公开, 建议, 咨询, 投诉, 求助. Each is a case of `bot.reviews`.

A letter has a number and a query code. It is published with its answer if both the citizen and the city agree.
"""
