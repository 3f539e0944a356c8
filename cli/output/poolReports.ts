/**
 * The JSON results of the commands about pools. Field names and their order are a promise to scripts; what is unknown
 * is left out or `null`, as it always was. No text ends in a line feed.
 */
import { metricsFields } from "../../src/internal/metricsFields.js"
import type { PoolError } from "../../src/PoolError.js"
import type {
  PoolBounds,
  PoolInfo,
  PoolListing,
  PoolMetrics,
  PoolRepair,
  PoolVerification
} from "../../src/PoolInfo.js"
import { errorFields } from "./envelopes.js"
import { formatMillis } from "./timestamps.js"

const indexSlotBytes = 16

/** What is known of a pool; a server may keep the metrics to itself. */
export type InfoReport = Omit<PoolInfo, "metrics"> & { readonly metrics?: PoolMetrics }

/** What became of one name of `pool delete`: the pool as typed, and its file or why it is still there. */
export type DeleteOutcome =
  { readonly pool: string; readonly path: string } | { readonly pool: string; readonly error: PoolError }

/** A check and what the pool was called: as typed, or by its path where all pools were checked. */
export type DoctorReport = PoolVerification & {
  readonly poolRef: string
  /** For people: the pool without directory and ending. */
  readonly name: string
  /** Only where a repair was asked for; `null` when nothing had to be, or could be, changed. */
  readonly repaired?: RepairReport | null
}

/** What a repair changed. */
export type RepairReport = Pick<PoolRepair, "backupPath" | "changes" | "kept" | "lost">

export const indexBytes = (info: InfoReport): number => info.indexCapacity * indexSlotBytes

export const infoJson = (info: InfoReport): string => JSON.stringify(infoFields(info))

export const createJson = (created: ReadonlyArray<InfoReport>): string =>
  JSON.stringify({ created: created.map(infoFields) })

export const listJson = (listings: ReadonlyArray<PoolListing>): string =>
  JSON.stringify({
    pools: sortedByName(listings).map((listing) =>
      listing._tag === "Readable"
        ? {
            name: listing.name,
            path: listing.path,
            file_size: listing.fileSize,
            bounds: boundsFields(listing.bounds),
            mtime: formatMillis(listing.modifiedMillis)
          }
        : // An envelope within the field: an accident of the first version that scripts have learnt.
          { name: listing.name, path: listing.path, error: { error: errorFields(listing.error) } }
    )
  })

export const deleteJson = (outcomes: ReadonlyArray<DeleteOutcome>): string =>
  JSON.stringify({
    deleted: outcomes.flatMap((outcome) => ("path" in outcome ? [{ pool: outcome.pool, path: outcome.path }] : [])),
    failed: outcomes.flatMap((outcome) =>
      "error" in outcome ? [{ pool: outcome.pool, error: errorFields(outcome.error) }] : []
    )
  })

export const doctorJson = (reports: ReadonlyArray<DoctorReport>): string =>
  JSON.stringify({
    reports: reports.map((report) => ({
      pool_ref: report.poolRef,
      path: report.path,
      status: report.status,
      last_good_seq: report.lastGoodSeq,
      issue_count: report.issues.length,
      issues: report.issues.map(({ code, message, offset, seq }) => ({ code, message, seq, offset })),
      remediation_hints: report.hints,
      snapshot_path: null,
      repaired: repairedFields(report.repaired)
    }))
  })

const repairedFields = (repaired: DoctorReport["repaired"]): unknown =>
  repaired && {
    kept: repaired.kept,
    lost: repaired.lost,
    changes: repaired.changes,
    backup_path: repaired.backupPath
  }

/** By the bytes of the name, which is not the order of JavaScript beyond the basic plane. */
export const sortedByName = (listings: ReadonlyArray<PoolListing>): ReadonlyArray<PoolListing> =>
  listings.toSorted((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)))

const boundsFields = ({ newest, oldest }: PoolBounds): { readonly [field: string]: unknown } => ({ oldest, newest })

const infoFields = (info: InfoReport): { readonly [field: string]: unknown } => ({
  name: info.name,
  path: info.path,
  file_size: info.fileSize,
  index_offset: info.indexOffset,
  index_capacity: info.indexCapacity,
  index_size_bytes: indexBytes(info),
  ring_offset: info.ringOffset,
  ring_size: info.ringSize,
  bounds: boundsFields(info.bounds),
  metrics: info.metrics === undefined ? undefined : metricsFields(info.metrics, info.bounds),
  cursors: info.cursors?.map(({ committedAt, lag, name, seq }) => ({ name, seq, lag, committed_at: committedAt }))
})
