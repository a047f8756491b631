/*
 * What the values of headers mean.
 */
#ifndef ILA_API_NET_HEADER_H
#define ILA_API_NET_HEADER_H

/* header_takes_gzip(accept_encoding): may an answer be sent in gzip?  NULL: no. */
int header_takes_gzip(const char *accept_encoding);

/* header_has_etag(if_none_match, etag): is that the answer which the client has?  Weak tags are as good as
 * strong ones (RFC 9110, section 13.1.2).  NULL: it has none. */
int header_has_etag(const char *if_none_match, const char *etag);

/* header_is_origin(text): "https://HOST" or "http://HOST", maybe with ":PORT", as browsers write it. */
int header_is_origin(const char *text);

#endif
