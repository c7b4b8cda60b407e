"""jinja2: templates with inheritance, macros, filters, loops and an error."""
import os

import jinja2

HERE = os.path.dirname(os.path.abspath(__file__))


class Item:
    def __init__(self, name, price, tags=()):
        self.name = name
        self.price = price
        self.tags = list(tags)

    @property
    def cheap(self):
        return self.price < 10


def money(value, unit="EUR"):
    return "%.2f %s" % (value, unit)


def main():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(HERE, "templates")),
        autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["money"] = money
    environment.tests["cheap"] = lambda item: item.cheap
    items = [Item("pen <blue>", 1.5, ["office", "small"]), Item("desk", 120), Item("cup", 7.25, ["kitchen"])]
    print(environment.get_template("page.html").render(title="Things & more", items=items))
    try:
        environment.from_string("{{ missing.attribute }}").render()
    except jinja2.UndefinedError as error:
        print("undefined:", error)
    try:
        environment.from_string("{% for x in %}")
    except jinja2.TemplateSyntaxError as error:
        print("syntax:", error.message, error.lineno)


if __name__ == "__main__":
    main()
