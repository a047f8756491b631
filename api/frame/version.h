/*
 * Which ila this is.
 */
#ifndef ILA_API_FRAME_VERSION_H
#define ILA_API_FRAME_VERSION_H

#define ILA_VERSION "0.1.0"

#endif
