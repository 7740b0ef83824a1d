/** The files that an import takes, as the `accept` of a file field. */
export const TABLE_FILES = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.xlsx,.gz,.zip,text/csv'
