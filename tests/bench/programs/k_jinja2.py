"""jinja2: templates are compiled, with inheritance and macros, and rendered."""
import clocked
import jinja2

PAGES = {
    "base": "<html><head><title>{% block title %}{% endblock %}</title></head>"
            "<body>{% block body %}{% endblock %}</body></html>",
    "macros": "{% macro cell(value, kind='td') %}<{{ kind }}>{{ value|e }}</{{ kind }}>{% endmacro %}",
    "page": "{% extends 'base' %}{% from 'macros' import cell %}"
            "{% block title %}{{ title|upper }}{% endblock %}"
            "{% block body %}<table>{% for row in rows %}<tr class={{ loop.cycle('a', 'b') }}>"
            "{% for value in row %}{{ cell(value, 'th' if loop.first else 'td') }}{% endfor %}</tr>"
            "{% else %}<p>nothing</p>{% endfor %}</table>"
            "{% if rows|length > 3 %}<p>{{ rows|length }} rows, {{ rows|map('first')|join(', ') }}</p>"
            "{% endif %}{% endblock %}",
}


def main(scale):
    size = 0
    for turn in range(int(12 * scale) or 1):
        env = jinja2.Environment(loader=jinja2.DictLoader(PAGES), autoescape=True)
        rows = [["<%d>" % (i + turn), i * i, "x" * (i % 7)] for i in range(40)]
        size += len(env.get_template("page").render(title="table", rows=rows))
    return size


if __name__ == "__main__":
    clocked.run(main)
