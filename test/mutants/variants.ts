/**
 * All broken variants. Every promise of the protocol has at least one that breaks it, and every one is caught by a test.
 */
import { poolVariants } from "./poolVariants.js"
import { readerVariants } from "./readerVariants.js"
import { recoveryVariants } from "./recoveryVariants.js"
import type { Variant } from "./Variant.js"
import { writerVariants } from "./writerVariants.js"

export const variants: ReadonlyArray<Variant> = [
  ...writerVariants,
  ...readerVariants,
  ...recoveryVariants,
  ...poolVariants
]
