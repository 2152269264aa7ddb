/** The version of this package, as it names itself in `hello`. */

/** The same as in package.json; a test compares them. */
export const version = '0.1.0';
