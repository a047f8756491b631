/*
 * Text in the characters that every bank of SEPA takes: a-z A-Z 0-9 / - ? : ( ) . , ' + and space.
 */
#ifndef ILA_TREASURY_SEPA_H
#define ILA_TREASURY_SEPA_H

#include <stddef.h>

/*
 * sepa_text(text, out, size): the UTF-8 text in those characters, as far as there is room; returns out.
 * Letters lose their marks, ligatures are spelt out, Greek and Cyrillic are written in Latin letters, and
 * what has no counterpart becomes a full stop.  It neither begins nor ends with a space or '/', and has no
 * two of them in a row.
 */
char *sepa_text(const char *text, char *out, size_t size);

#endif
