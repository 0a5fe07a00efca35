"""The aiohttp application: portal, API for programs, carriers of texts, console.

Imports everything below it; nothing but `sms_simulator` imports it.
"""
