/*
 * json_page: one function a page, from the structs that its HTML is made of to JSON: the API
 * (/api/v1/..., or ?format=json). Each adds members to an object that is open.
 *
 * Names and types of members stay in one version of the API; members may be added.
 * Times are seconds since 1970 with nine decimals, durations seconds, texts of values as
 * Python's repr() shows them, what does not exist null.
 */
#ifndef SMILEY_WEB_JSON_PAGE_H
#define SMILEY_WEB_JSON_PAGE_H

#include "schemas/json.h"
#include "web/page.h"

void json_runs(struct json *json, const struct page_runs *page);
void json_run(struct json *json, const struct page_run *page);
void json_event(struct json *json, const struct page_event *page);
void json_jump(struct json *json, const struct page_jump *page);
void json_files(struct json *json, const struct page_files *page);
void json_file(struct json *json, const struct page_file *page);
void json_hits(struct json *json, const struct page_hits *page);
void json_search(struct json *json, const struct page_search *page);
void json_threads(struct json *json, const struct page_threads *page);
void json_tree(struct json *json, const struct page_tree *page);
void json_about(struct json *json, const struct site *site);
void json_delete(struct json *json, const struct page_delete *page);
void json_error(struct json *json, const struct page_error *page);

/* Pieces of several. The run as a value; "page", "pages", "per_page", "total" as members. */
void json_run_info(struct json *json, const struct run_info *run);
void json_pager(struct json *json, const struct pager *pager);
void json_row(struct json *json, const struct row *row);
/* As a value: the text, or null when there is none. */
void json_slice_or_null(struct json *json, struct slice text);

#endif
