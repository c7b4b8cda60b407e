def shout(words):
    loud = words.upper()
    return loud + "!"
