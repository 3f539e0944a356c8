// The version of this build: the bundler puts in that of the package.
declare const PLASMITE_VERSION: string | undefined

export const version: string = typeof PLASMITE_VERSION === "string" ? PLASMITE_VERSION : "0.0.0-source"
