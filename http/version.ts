/**
 * The version that the server tells. Beside the package's own so that the library needs no file at run time; a test
 * holds the two together.
 */
export const version = "0.1.0"
