#include "ops/lister.h"

#include <stdlib.h>
#include <string.h>

#include "ops/lister_internal.h"

struct lister {
	const struct lister_column *columns;
	size_t column_count;
	struct cell *cells;
	size_t count, cap;
	bool failed;
};

struct lister *lister_new(const struct lister_column *columns, size_t column_count)
{
	struct lister *lister = calloc(1, sizeof(*lister));

	if (lister) {
		lister->columns = columns;
		lister->column_count = column_count;
	}
	return lister;
}

void lister_free(struct lister *lister)
{
	if (!lister)
		return;
	for (size_t i = 0; i < lister->count; i++)
		free(lister->cells[i].text);
	free(lister->cells);
	free(lister);
}

static struct cell *add_cell(struct lister *lister, enum cell_kind kind)
{
	if (lister->count == lister->cap) {
		size_t cap = lister->cap ? lister->cap * 2 : 64;
		struct cell *cells = realloc(lister->cells, cap * sizeof(*cells));

		if (!cells) {
			lister->failed = true;
			return NULL;
		}
		lister->cells = cells;
		lister->cap = cap;
	}
	lister->cells[lister->count] = (struct cell){.kind = kind};
	return &lister->cells[lister->count++];
}

void lister_text(struct lister *lister, struct slice text)
{
	struct cell *cell = add_cell(lister, CELL_TEXT);

	if (!cell)
		return;
	cell->text = malloc(text.len + 1);
	if (!cell->text) {
		cell->kind = CELL_NOTHING;
		lister->failed = true;
		return;
	}
	if (text.len)
		memcpy(cell->text, text.data, text.len);
	cell->text[text.len] = '\0';
	cell->number = (int64_t)text.len;
}

void lister_number(struct lister *lister, int64_t number)
{
	struct cell *cell = add_cell(lister, CELL_NUMBER);

	if (cell)
		cell->number = number;
}

void lister_nothing(struct lister *lister)
{
	add_cell(lister, CELL_NOTHING);
}

static int find_column(
	const struct lister *lister, const char *name, size_t *column, struct err *err)
{
	struct buf names = {0};

	for (*column = 0; *column < lister->column_count; ++*column)
		if (strcmp(lister->columns[*column].name, name) == 0)
			return 0;
	for (size_t i = 0; i < lister->column_count; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", lister->columns[i].name);
	err_set(err, ERR_USAGE, "no column %s; there are: %s", name, buf_string(&names));
	buf_release(&names);
	return ERR_USAGE;
}

struct sort_key {
	const struct cell *cell;
	size_t row;
	bool descending;
};

/* Nothing before numbers before texts. */
static int compare_cells(const struct cell *a, const struct cell *b)
{
	if (a->kind != b->kind) {
		int left = a->kind == CELL_NOTHING ? 0 : a->kind == CELL_NUMBER ? 1 : 2;
		int right = b->kind == CELL_NOTHING ? 0 : b->kind == CELL_NUMBER ? 1 : 2;

		return left - right;
	}
	if (a->kind == CELL_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	return a->kind == CELL_TEXT ? strcmp(a->text, b->text) : 0;
}

static int compare_keys(const void *left, const void *right)
{
	const struct sort_key *a = left, *b = right;
	int order = compare_cells(a->cell, b->cell);

	if (order)
		return a->descending ? -order : order;
	return (a->row > b->row) - (a->row < b->row);
}

/* Which columns, into picked (room for all wanted). */
static int pick_columns(const struct lister *lister, const struct lister_settings *settings,
	size_t *picked, size_t *count, struct err *err)
{
	*count = 0;
	for (size_t i = 0; i < settings->column_count; i++) {
		int rc = find_column(lister, settings->columns[i], &picked[i], err);

		if (rc)
			return rc;
		++*count;
	}
	for (size_t i = 0; !settings->column_count && i < lister->column_count; i++)
		if (!lister->columns[i].json_only || settings->format == LISTER_JSON)
			picked[(*count)++] = i;
	return 0;
}

static int sort_rows(const struct lister *lister, const struct lister_settings *settings,
	struct sort_key *keys, size_t height, struct err *err)
{
	size_t column = 0;

	if (settings->sort_column) {
		int rc = find_column(lister, settings->sort_column, &column, err);

		if (rc)
			return rc;
	}
	for (size_t row = 0; row < height; row++)
		keys[row] = (struct sort_key){&lister->cells[row * lister->column_count + column],
			row, settings->descending};
	if (settings->sort_column)
		qsort(keys, height, sizeof(*keys), compare_keys);
	return 0;
}

static void print(
	const struct lister_view *view, const struct lister_settings *settings, struct buf *out)
{
	switch (settings->format) {
	case LISTER_TABLE:
		lister_print_table(view, settings->max_width, out);
		break;
	case LISTER_JSON:
		lister_print_json(view, settings->noindent, out);
		break;
	case LISTER_CSV:
		lister_print_csv(view, settings->quote, out);
		break;
	case LISTER_YAML:
		lister_print_yaml(view, out);
		break;
	case LISTER_VALUE:
		lister_print_value(view, out);
		break;
	}
}

int lister_render(struct lister *lister, const struct lister_settings *settings, struct buf *out,
	struct err *err)
{
	size_t all = lister->column_count + settings->column_count;
	size_t height = lister->count / lister->column_count;
	struct sort_key *keys = calloc(height + 1, sizeof(*keys));
	size_t *picked = calloc(all, sizeof(*picked));
	const char **names = calloc(all, sizeof(*names));
	struct cell ***rows = calloc(height + 1, sizeof(*rows));
	struct cell **cells = calloc((height + 1) * all, sizeof(*cells));
	struct lister_view view = {.names = names, .rows = rows, .height = height};
	int rc = 0;

	if (!keys || !picked || !names || !rows || !cells || lister->failed)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	rc = rc ? rc : pick_columns(lister, settings, picked, &view.width, err);
	rc = rc ? rc : sort_rows(lister, settings, keys, height, err);
	if (!rc) {
		for (size_t i = 0; i < view.width; i++)
			names[i] = lister->columns[picked[i]].name;
		for (size_t row = 0; row < height; row++) {
			rows[row] = cells + row * view.width;
			for (size_t i = 0; i < view.width; i++)
				rows[row][i] = &lister->cells[keys[row].row * lister->column_count +
							      picked[i]];
		}
		print(&view, settings, out);
	}
	free(keys);
	free(picked);
	free(names);
	free(rows);
	free(cells);
	return rc;
}
