"""Two pairs of eyes (双人核准): what one person proposes to change for the whole city, another approves.

Items, documents, routes, holidays and laws, as far as they are changed in the console; what the city's own systems
deliver by command or API does not come here.
"""
