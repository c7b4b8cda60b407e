#include "schemas/secret.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 32

/* Sorted. `whole`: only as the whole name, because as a last word it is mostly harmless
 * (`http_session`, `gpio_pin`). Left out of the lists of other tools: `signature`, which in
 * Python is what inspect calls a function's parameters. */
static const struct term {
	const char *text;
	bool whole;
} terms[] = {
	{"2fa", false},
	{"accesskey", false},
	{"accesstoken", false},
	{"apikey", false},
	{"apisecret", false},
	{"apitoken", false},
	{"appkey", false},
	{"appsecret", false},
	{"auth", false},
	{"authorization", false},
	{"authtoken", false},
	{"bearer", true},
	{"cardnumber", false},
	{"ccnumber", false},
	{"certificatepin", false},
	{"clientsecret", false},
	{"connectionstring", false},
	{"connstr", false},
	{"connstring", false},
	{"cookie", false},
	{"cookies", false},
	{"credential", false},
	{"credentials", false},
	{"creditcard", false},
	{"creditcardnumber", false},
	{"creds", false},
	{"csrf", false},
	{"csrftoken", false},
	{"cvc", true},
	{"cvv", false},
	{"databaseurl", false},
	{"dburl", false},
	{"dsn", true},
	{"encryptionkey", false},
	{"jwt", false},
	{"masterkey", false},
	{"mfa", true},
	{"nonce", true},
	{"oauth", false},
	{"otp", false},
	{"passcode", false},
	{"passhash", false},
	{"passphrase", false},
	{"passwd", false},
	{"passwds", false},
	{"password", false},
	{"passwordhash", false},
	{"passwords", false},
	{"passwort", false},
	{"pgpkey", false},
	{"pin", true},
	{"pincode", false},
	{"pinnumber", false},
	{"privatekey", false},
	{"pwd", false},
	{"pwhash", false},
	{"recoverykey", false},
	{"refreshtoken", false},
	{"salt", true},
	{"secret", false},
	{"secretkey", false},
	{"secrets", false},
	{"secrettoken", false},
	{"securitycode", false},
	{"securitytoken", false},
	{"session", true},
	{"sessionid", false},
	{"sessionkey", false},
	{"sessiontoken", false},
	{"setcookie", false},
	{"signingkey", false},
	{"socialsecuritynumber", false},
	{"sshkey", false},
	{"ssn", false},
	{"symmetrickey", false},
	{"token", false},
	{"transactionid", true},
	{"usersession", false},
	{"xapikey", false},
	{"xauthtoken", false},
	{"xcsrftoken", false},
	{"xsrf", false},
	{"xsrftoken", false},
};

/* The second last letters of listed names by their last letter: most names end otherwise, and
 * need no search. */
#define LETTER(c) (1u << ((c) - 'a'))
static const uint32_t endings[26] = {
	['a' - 'a'] = LETTER('f'),
	['c' - 'a'] = LETTER('v'),
	['d' - 'a'] = LETTER('i') | LETTER('r') | LETTER('w'),
	['e' - 'a'] = LETTER('c') | LETTER('d') | LETTER('i') | LETTER('s'),
	['f' - 'a'] = LETTER('r'),
	['g' - 'a'] = LETTER('n'),
	['h' - 'a'] = LETTER('s') | LETTER('t'),
	['l' - 'a'] = LETTER('a') | LETTER('r'),
	['n' - 'a'] = LETTER('e') | LETTER('i') | LETTER('o') | LETTER('s'),
	['p' - 'a'] = LETTER('t'),
	['r' - 'a'] = LETTER('e') | LETTER('t'),
	['s' - 'a'] = LETTER('d') | LETTER('e') | LETTER('l') | LETTER('t'),
	['t' - 'a'] = LETTER('e') | LETTER('l') | LETTER('r') | LETTER('w'),
	['v' - 'a'] = LETTER('v'),
	['y' - 'a'] = LETTER('e'),
};

/* A name in lower case without separators, and where its words begin. */
struct words {
	char text[SECRET_NAME_BYTES + 1];
	size_t len;
	size_t begin[MAX_WORDS];
	size_t count;
};

static bool is_separator(uint8_t byte)
{
	return byte == '_' || byte == '-' || byte == '.' || byte == ' ';
}

/* A hump begins at B in aB and at the last capital of ABc. */
static bool is_hump(struct slice name, size_t i)
{
	if (!i || !isupper(name.data[i]))
		return false;
	if (!isupper(name.data[i - 1]))
		return true;
	return i + 1 < name.len && islower(name.data[i + 1]);
}

static void split(struct slice name, struct words *words)
{
	bool boundary = true;

	if (name.len > SECRET_NAME_BYTES) {
		name.data += name.len - SECRET_NAME_BYTES;
		name.len = SECRET_NAME_BYTES;
	}
	words->len = 0;
	words->count = 0;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t byte = name.data[i];

		if (is_separator(byte)) {
			boundary = true;
			continue;
		}
		if (boundary || is_hump(name, i)) {
			if (words->count < MAX_WORDS)
				words->begin[words->count++] = words->len;
			boundary = false;
		}
		words->text[words->len++] = (char)tolower(byte);
	}
	words->text[words->len] = '\0';
}

/* password2, token_1 */
static void drop_digits(struct words *words)
{
	while (words->len && isdigit((uint8_t)words->text[words->len - 1]))
		words->len--;
	while (words->count && words->begin[words->count - 1] >= words->len)
		words->count--;
	words->text[words->len] = '\0';
}

static int compare_term(const void *key, const void *term)
{
	return strcmp(key, ((const struct term *)term)->text);
}

static bool listed(const char *text, const char **list, size_t count)
{
	struct words words;

	for (size_t i = 0; i < count; i++) {
		split(slice_text(list[i]), &words);
		if (strcmp(text, words.text) == 0)
			return true;
	}
	return false;
}

static bool judge(const struct words *words, const struct secret_list *extra)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *tail = words->text + words->begin[i];
		const struct term *term = bsearch(tail, terms, sizeof(terms) / sizeof(terms[0]),
			sizeof(terms[0]), compare_term);
		bool found = term && (!term->whole || i == 0);

		if (!found && extra)
			found = listed(tail, extra->add, extra->add_count);
		if (found && !(extra && listed(tail, extra->except, extra->except_count)))
			return true;
	}
	return false;
}

static unsigned letter(uint8_t byte)
{
	return (unsigned)(byte | 0x20) - 'a';
}

static bool ending_possible(struct slice name)
{
	uint8_t last[2];
	size_t found = 0;

	for (size_t i = name.len; i && found < 2; i--) {
		uint8_t byte = name.data[i - 1];

		if (!is_separator(byte) && !(isdigit(byte) && !found))
			last[found++] = byte;
	}
	if (found < 2 || letter(last[0]) >= 26 || letter(last[1]) >= 26)
		return false;
	return endings[letter(last[0])] >> letter(last[1]) & 1;
}

bool secret_name(struct slice name, const struct secret_list *extra)
{
	struct words words;

	if (!(extra && extra->add_count) && !ending_possible(name))
		return false;
	split(name, &words);
	if (extra && listed(words.text, extra->except, extra->except_count))
		return false;
	if (judge(&words, extra))
		return true;
	if (!words.len || !isdigit((uint8_t)words.text[words.len - 1]))
		return false;
	drop_digits(&words);
	return judge(&words, extra);
}
