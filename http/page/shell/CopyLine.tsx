/**
 * A command or text on one line, with a button that copies it.
 */
import { usePage } from "../data/Page.js"
import { copyText } from "./Clipboard.js"
import { Icon } from "./Icon.js"

export const CopyLine = ({ text, what }: { readonly text: string; readonly what: string }) => {
  const page = usePage()
  return (
    <div class="copyable">
      <code>{text}</code>
      <button
        type="button"
        class="button plain small icon"
        aria-label={`Copy the ${what.toLowerCase()}`}
        title="Copy"
        onClick={() => void copyText(page, text, what)}
      >
        <Icon name="copy" />
      </button>
    </div>
  )
}
