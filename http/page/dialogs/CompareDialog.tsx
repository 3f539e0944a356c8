/**
 * Two messages side by side: only what differs, then how much is equal.
 */
import { usePage } from "../data/Page.js"
import { diffValues } from "../logic/diff.js"
import { jqPath, parseExact, printExact, type ExactValue } from "../logic/exactJson.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

const mostText = 2_000

const textOf = (value: ExactValue | undefined): string => {
  if (value === undefined) return ""
  const text = printExact(value, 2)
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text
}

export const CompareDialog = () => {
  const page = usePage()
  const before = page.compared.value
  const after = page.pool.value?.selected.value
  if (before === undefined || after === undefined) return null
  const { rows } = diffValues(parseExact(before.dataText), parseExact(after.dataText))
  const different = rows.filter(({ kind }) => kind !== "same")
  const same = rows.length - different.length
  return (
    <Dialog
      title={`Messages ${before.seq} and ${after.seq}`}
      onClose={() => page.closeDialog()}
      testId={testIds.compareDialog}
      isWide
    >
      <div class="content">
        <p class="muted">
          {different.length === 0
            ? "The data is the same."
            : `${different.length} ${different.length === 1 ? "place differs" : "places differ"}, ${same} equal.`}
        </p>
        {different.length === 0 ? null : (
          <div class="diff">
            {different.map(({ after, before, kind, path }) => (
              <DiffLine
                key={jqPath(path)}
                path={jqPath(path)}
                kind={kind}
                before={textOf(before)}
                after={textOf(after)}
              />
            ))}
          </div>
        )}
      </div>
    </Dialog>
  )
}

const DiffLine = ({
  after,
  before,
  kind,
  path
}: {
  readonly path: string
  readonly kind: string
  readonly before: string
  readonly after: string
}) => (
  <>
    <span class="muted">
      {path} <span class="unseen">{kind}</span>
    </span>
    <span class={before === "" ? "" : "removed"}>{before}</span>
    <span class={after === "" ? "" : "added"}>{after}</span>
  </>
)
