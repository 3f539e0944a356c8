/**
 * Whichever dialog is open: at most one, and the question for a token above it.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { CompareDialog } from "./CompareDialog.js"
import { CreateDialog } from "./CreateDialog.js"
import { DeleteDialog } from "./DeleteDialog.js"
import { FieldsDialog } from "./FieldsDialog.js"
import { HelpDialog } from "./HelpDialog.js"
import { JumpDialog } from "./JumpDialog.js"
import { PaletteDialog } from "./PaletteDialog.js"
import { PublishManyDialog } from "./PublishManyDialog.js"
import { TokenDialog } from "./TokenDialog.js"
import { ViewsDialog } from "./ViewsDialog.js"

export const Dialogs = () => {
  const page = usePage()
  const name = useSignal(page.dialog)
  const question = useSignal(page.session.question)
  return (
    <>
      {name === "help" ? <HelpDialog /> : null}
      {name === "palette" ? <PaletteDialog /> : null}
      {name === "create" ? <CreateDialog /> : null}
      {name === "delete" ? <DeleteDialog /> : null}
      {name === "jump" ? <JumpDialog /> : null}
      {name === "views" ? <ViewsDialog /> : null}
      {name === "fields" ? <FieldsDialog /> : null}
      {name === "compare" ? <CompareDialog /> : null}
      {name === "publishMany" ? <PublishManyDialog /> : null}
      {question === undefined ? null : <TokenDialog wasWrong={question.wasWrong} />}
    </>
  )
}
