/*
 * Every size, count and timeout of the program, by name.  Relations between
 * them are checked at compile time, below.  A limit that a caller can meet has
 * a refusal that names it and a test.
 */
#ifndef ILA_BASE_LIMITS_H
#define ILA_BASE_LIMITS_H

/* Money */
#define AMOUNT_MAX 99999999999999LL /* cents in one amount: 999,999,999,999.99 */

/* Journal */
#define ENTRY_TRANSFERS_MAX 60 /* transfers of one entry */
#define TRANSFER_ID_STEP    64 /* transfer.id = seq * TRANSFER_ID_STEP + line */
#define ENTRY_ACCOUNTS_MAX  (2 * ENTRY_TRANSFERS_MAX)
#define SUBJECT_KIND_MAX    24                   /* name of a table whose rows are sealed */
#define DECISION_BYTES_MAX  512                  /* what one decision of two persons says, NUL included */
#define SUBJECT_MAX         120                  /* key of such a row */
#define CONTENT_BYTES_MAX   (8 * RULE_BYTES_MAX) /* content of such a row: the widest holds a rule */
#define CANON_BYTES_MAX     65535                /* C2SP tlog-tiles: an entry bundle counts in 16 bits */
/* account.id = (fund << KIND_BITS | kind) << HOLDER_BITS | holder */
#define HOLDER_BITS 33
#define HOLDER_MAX  ((1LL << HOLDER_BITS) - 1)
#define KIND_BITS   10
#define KIND_MAX    ((1 << KIND_BITS) - 1)
#define FUND_ID_MAX ((1LL << 20) - 1)

/* What a scheme holds */
#define SHARES_MAX           12            /* funders' parts of one voucher, co-payment included */
#define SHARE_ID_STEP        16            /* share.id = voucher * SHARE_ID_STEP + place */
#define LOTS_MAX             256           /* lots of one learner */
#define CREDIT_NOTES_MAX     256           /* credit notes of one learner that hold money */
#define OWN_NOTES_MAX        4             /* of them that pay one order */
#define OWN_PAY_BACK_DAYS    30            /* until own money is paid back, where a rule does not say */
#define PRESCRIBED_YEARS_MAX 100           /* that a rule keeps learners' own money for */
#define ACCRUAL_MAX          10000000000LL /* cents a year */
#define EMPLOYERS_MAX        4             /* of one learner in one year */
#define EMPLOYERS_NAMED_MAX  64            /* employers of an agreement that is not a whole branch's */
#define REQUESTS_OPEN_MAX    20            /* highest bound a rule may set on open requests */
#define CLASSES_MAX          16            /* draw-down classes of a rule */
#define CAPS_MAX             8             /* caps per action of a rule */
#define ONCE_YEARS_MAX       100           /* years between two such actions */
#define CAP_EXCEPT_MAX       8             /* certifications that a cap excepts */
#define GRANTS_PER_RULE_MAX  4             /* grants of a rule */
#define GRANT_TITLES_MAX     256           /* certifications of a grant */
#define GRANT_CODES_MAX      32            /* courses, statuses, regions... of a grant, each */
#define GRANT_RULES_MAX      64            /* rules in force that grant to accounts of one programme */
#define CURVE_MAX            8             /* steps of a pay curve */
#define FUNDS_PER_RULE_MAX   32
#define BUDGET_YEARS_MAX     16
#define PAYMENT_LINES_MAX    100 /* vouchers in one payment; each is settled by an entry of its own */
#define RULE_BYTES_MAX       65536
#define TIMERS_PER_RUN_MAX   500      /* timers executed in one transaction */
#define TICKETS_MAX          9999999  /* tickets of one draw */
#define TICKET_ID_STEP       10000000 /* ticket.id = rule * TICKET_ID_STEP + number */
#define TICKETS_PER_RUN_MAX  500      /* tickets placed or served in one transaction */
#define ACCOUNT_SHARERS_MAX  1000     /* organisations of one bank account that an alert counts */
#define DEBTS_MAX            64       /* open debts of one learner in one fund */
#define YEAR_END_FUNDS_MAX   200      /* funds whose year is ended in one transaction */
#define CLOSE_DOWN_STEPS_MAX 200      /* vouchers or lots of a close-down in one transaction */
#define CLOSE_DOWN_SPAN      10000    /* numbers of vouchers looked through in one transaction */
#define CLOSE_DOWN_FUNDS_MAX 32       /* funds refunded in one transaction */

/*
 * Scheme: days, months and percentages that hold for every programme of a ledger.
 * What an authority sets for one programme is a member of its rule; the bounds of
 * such members stand here, and what holds when one is left out.
 */
#define RULE_DAYS_MAX          3650  /* ten years: more is a slip of the pen */
#define RULE_GROWTH_PCT_MAX    10000 /* a hundred times the month before */
#define COURSE_HOURS_MAX       10000 /* a slip of the pen, too */
#define COURSE_DAYS_MAX        3660
#define RUSH_DAYS              7          /* over which a rush is counted: a week has every day */
#define ALERT_PCTS             80, 90, 95 /* used of a budget: ledger/field.md#budgets */
#define KEY_OVERLAP_DAYS       7  /* that an exchanged key opens beside the new one, unless said otherwise */
#define KEY_OVERLAP_DAYS_MAX   90 /* more is no exchange */
#define WEBHOOK_FAILING_DAYS   5  /* nothing gets through for so long, and a webhook is switched off */
#define WORK_AHEAD_DAYS        30 /* that the end of a key, role or standing is told of before */
#define BANK_CHANGE_DELAY_DAYS 7  /* see ledger/field.md#two-persons */
#define FREEZE_MONTHS_MAX      6  /* an account is frozen this long at most */
#define SUSPEND_MONTHS_MAX     12 /* a provider takes nothing new this long at most (R6333-6) */
#define REMOVAL_MONTHS_MAX     24 /* a removal with an end (WIOA's bar) */
#define CLOSE_DOWN_DAYS_MAX    3650 /* as far off as a rule's days */
#define CLOSE_DOWN_BILL_DAYS   30   /* after a later validation: as long as a payment may take */
/* Days that an item may lie on an account through which money only passes. */
#define CLEARING_DAYS_CARD     30  /* acquirers pay out within days */
#define CLEARING_DAYS_ADVANCE  400 /* cleared at validation: the course lies between */
#define CLEARING_DAYS_FROZEN   184 /* six months, the longest ones: FREEZE_MONTHS_MAX */
#define CLEARING_DAYS_COFUNDER 60  /* a co-funder answers within two months */
#define CLEARING_DAYS_BANK     15  /* the bank executes or rejects within days */
#define CLEARING_DAYS_TRANSIT  30  /* the accountant has the bank move it within days */
#define CLEARING_DAYS_RECOVERY 730 /* recoveries take long; two years call for a decision */
#define CLEARING_DAYS_CALL     90  /* funders pay calls within two months, and a reminder */
#define CLEARING_DAYS_START    92  /* from a session's start: nobody entered, and the rule frees nothing */
#define CLEARING_DAYS_NOTE     400 /* learners' own money, used by the next order or paid back */
#define CLEARING_DAYS_FUNDER   400 /* unspent money goes back once a year */

/* Text */
#define CODE_MAX       64  /* ids that outsiders choose: organisation, fund, course, learner, reference */
#define NAME_MAX_      240 /* names of organisations, bytes */
#define TOKEN_NAME_MAX 255 /* of an issuer of tokens, and of a client of its, bytes */
#define TITLE_MAX      512 /* titles of certifications and courses, bytes */
#define REASON_MAX     40  /* reason codes: lower case, digits, '_' */

/* What clients note on a voucher, a contribution or a payment */
#define METADATA_PAIRS_MAX   20
#define METADATA_VALUE_MAX   200                      /* characters of a value; a key is a reason code */
#define METADATA_VALUE_BYTES (4 * METADATA_VALUE_MAX) /* UTF-8 */
#define METADATA_TEXT_MAX    (METADATA_PAIRS_MAX * (REASON_MAX + 2 * METADATA_VALUE_BYTES + 8) + 8)

/* CSV in */
#define CSV_FIELD_MAX     65536
#define CSV_COLUMNS_MAX   128
#define CSV_FILE_MAX      (16LL << 30)
#define REJECTS_SHOWN_MAX 20 /* faults of a file that are told; all are counted */
#define ROW_FAULTS_MAX    8  /* of one row of it; likewise */

/* JSON in */
#define JSON_DEPTH_MAX 16

/* XML in */
#define XML_DEPTH_MAX 32

/* The bank */
#define BANK_FILE_MAX  (8u << 20) /* bytes of a file of statements in XML */
#define BANK_LINES_MAX 20000      /* lines of one statement */

/* Files of payments */
#define FILE_TRANSFERS_MAX 500         /* of one file: banks take some thousand */
#define FILE_BYTES_MAX     (448 << 10) /* a transfer takes at most 850 */
#define FILE_AHEAD_DAYS    30          /* banks keep an order so long before its day of execution */

/* HTTP */
#define HTTP_BODY_MAX         65536
#define HTTP_UPLOAD_MAX       (1LL << 30) /* a file sent to be imported */
#define HTTP_REJECTED_MAX     (160 << 10) /* bytes of its refused rows that one answer brings back */
#define HTTP_LONG_ANSWER_MAX  (1 << 20)   /* to a file: a byte of such a row takes six of JSON at most */
#define HTTP_UPLOAD_S         900         /* seconds for the whole of it */
#define HTTP_HEADER_BLOCK_MAX 32768
#define HTTP_URL_MAX          2048
#define HTTP_CONNECTIONS_MAX  4096
#define HTTP_PER_ADDRESS      1024        /* from one address, unless the operator sets another number */
#define HTTP_ORIGINS_MAX      16          /* of pages that may call it */
#define HTTP_KEY_RATE         "600000/60" /* requests of one key in so many seconds, likewise */
#define HTTP_ADDRESS_RATE     "off"       /* of one address: of a proxy these are all there are */
#define HTTP_WRONG_CODES      "30/3600"   /* wrong voucher codes of one person */
#define TOKEN_MAX             8192        /* bytes of a signed token */
#define TOKEN_KID_MAX         255         /* of the name of a key in a key set */
#define TOKEN_KEYS_MAX        32          /* of one issuer */
#define TOKEN_ISSUERS_MAX     16
#define TOKEN_FILE_MAX        262144       /* bytes of a file of issuers or keys */
#define TOKEN_LEEWAY_S        60           /* by which clocks may differ */
#define TOKEN_LIFETIME_S      3600         /* longest life of a token, unless its issuer is given another */
#define TOKEN_LIFETIME_MAX_S  86400        /* what lives longer is no access token */
#define HTTP_QUOTA_MAX        1000000000LL /* the largest such number */
#define HTTP_QUOTA_S_MAX      86400        /* in a day at most */
#define HTTP_DROP_MAX         (1 << 20) /* bytes of a body that is too large, read and dropped to answer it */
#define HTTP_IDLE_S           15        /* seconds without a byte */
#define HTTP_REQUEST_S        20        /* seconds from the first byte to the whole request */
#define HTTP_THREADS          4
#define TLS_FILE_MAX          (1 << 20) /* bytes of a certificate with its chain, or of a key */
#define TLS_WARN_DAYS                                                                                        \
	14 /* that the end of a certificate is told of before: time for two tries to renew it                \
	    */
#define HTTP_REPORTS_AT_ONCE   2
#define HTTP_REPORTS_WAIT_MAX  32 /* the next one is turned away */
#define HTTP_FORWARDS_AT_ONCE  32 /* writes under way to the node that leads */
#define HTTP_FORWARDS_WAIT_MAX 4096
#define HTTP_BATCHES_AT_ONCE   2
#define HTTP_BATCHES_WAIT_MAX  64
#define HTTP_BACKLOG           1024
#define HTTP_DRAIN_S           10 /* longest wait for open connections at shutdown */
#define HTTP_RETRY_AFTER_S     1
#define IDEMPOTENCY_KEY_MAX    255
#define REQUEST_ID_MAX         64  /* of a name that a client gives to a request */
#define IDEMPOTENCY_DAYS       400 /* how long an answer is kept for a retry */
#define PAGE_DEFAULT           50
#define PAGE_MAX               200

/* Batches: a call a line */
#define BATCH_LINES_MAX   1000
#define BATCH_LINE_MAX    4096 /* bytes of a line, without its end */
#define BATCH_BYTES_MAX   (BATCH_LINES_MAX * (BATCH_LINE_MAX + 2))
#define BATCH_PAUSE_US    2000      /* until a queue that is full is tried again */
#define BATCH_PATIENCE_S  30        /* for so long, then the line is answered BUSY */
#define BATCH_ARENA_BYTES (1 << 20) /* what one line may take */

/* Desk */
#define CLOCK_AHEAD_DAYS                                                                                     \
	400 /* a clock further ahead of the last entry is not believed until it is confirmed */
#define CLOCK_BEHIND_S    300  /* nor one further behind it */
#define QUEUE_MAX         8192 /* commands waiting for the writer */
#define GROUP_MAX         512  /* commands in one commit */
#define LEADER_SILENT_S   15   /* without a sign of life a leader on a server is taken for frozen */
#define AHEAD_ROUNDS      3    /* of asking for what the commands of a group will read */
#define LONG_COMMANDS_MAX 2    /* long commands under way at once: each may hold 32 MiB */

/* Store */
#define STMT_MAX           1024 /* slots for the statements of a connection */
#define STMT_TEXT_MAX      8192 /* bytes of a statement that is made from a description */
#define RECORD_COLUMNS_MAX 48   /* columns of a record */
#define CACHE_SLOTS        4096 /* of which half are used for rows that a connection keeps */
#define WAL_PASSIVE_BYTES  (16LL << 20)
#define READERS_MAX        16
#define BUSY_TIMEOUT_MS    5000
/* Of a database on a server. */
#define PG_GROWN_ROWS      20000      /* by which a table grows before its figures are renewed */
#define PG_TABLES_MAX      128        /* of a ledger */
#define PG_WAITING_MAX     48         /* texts whose rows wait to be written together */
#define PG_WAIT_ROWS_MAX   8192       /* rows that wait */
#define PG_IDLE_ROWS       128        /* of INSERTs that wait, until they are sent to a server that is idle */
#define PG_EARLY_ROWS      512        /* of one INSERT, until they are sent to one that is at work */
#define PG_AIR_MAX         256        /* statements that were sent early */
#define PG_WAIT_BYTES_MAX  (4 << 20)  /* texts and bytes of those of one text */
#define PG_ASKED_MAX       48         /* texts that are asked for ahead */
#define PG_AHEAD_MAX       10240      /* their answers */
#define PG_AHEAD_KEPT      3072       /* so many of them stay when more are asked for */
#define PG_AHEAD_BYTES_MAX (1 << 20)  /* texts and bytes that those of one text are asked by */
#define PG_SEND_BYTES_MAX  (32 << 20) /* one statement with all its rows */
/* Seconds within which it answers, or counts as lost. */
#define PG_SILENT_S  5    /* without an answer, until it is asked whether there is a server */
#define PG_HERE_S    "3"  /* within which one that is there takes a connection, where there are others */
#define PG_CONNECT_S "10" /* where there is no other */
#define PG_WRITE_S   30
#define PG_COMMIT_S  10
#define PG_READ_S    600
#define PG_SCRIPT_S  3600 /* a migration of a large ledger */

_Static_assert(ENTRY_TRANSFERS_MAX < TRANSFER_ID_STEP, "lines of an entry must fit its block of ids");
_Static_assert(SHARES_MAX < SHARE_ID_STEP, "shares of a voucher must fit its block of ids");
/* A share needs at most five transfers in one step: payable, rest, advance and two of budget. */
_Static_assert(SHARES_MAX * 5 <= ENTRY_TRANSFERS_MAX, "the widest voucher must fit one entry");
_Static_assert(TICKETS_MAX < TICKET_ID_STEP, "tickets of a draw must fit its block of ids");
_Static_assert(GROUP_MAX <= QUEUE_MAX, "a group is taken from the queue");
_Static_assert(HTTP_PER_ADDRESS < HTTP_CONNECTIONS_MAX, "one address leaves places to others");
_Static_assert(6 * HTTP_REJECTED_MAX + HTTP_BODY_MAX <= HTTP_LONG_ANSWER_MAX,
	       "refused rows must fit an answer");
_Static_assert(HTTP_IDLE_S <= HTTP_REQUEST_S, "the idle limit is the tighter one");

/* A number in the text of a statement, where it cannot be bound. */
#define IN_SQL_(n) #n
#define IN_SQL(n)  IN_SQL_(n)

#endif
