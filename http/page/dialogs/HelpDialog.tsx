/**
 * The shortcuts, made of the table that the keys are read by.
 */
import { usePage } from "../data/Page.js"
import { keyLabel, shortcuts } from "../logic/keymap.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

export const HelpDialog = () => {
  const page = usePage()
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => page.closeDialog()} testId={testIds.help} isWide>
      <div class="content">
        <div class="shortcuts">
          {shortcuts.map(({ action, keys, label }) => (
            <div key={action}>
              <span>{label}</span>
              <span>
                {keys.map((sequence, index) => (
                  <span key={index}>
                    {index === 0 ? "" : " or "}
                    {sequence.map((key, at) => (
                      <kbd key={at} class="kbd">
                        {keyLabel(key, isMac)}
                      </kbd>
                    ))}
                  </span>
                ))}
              </span>
            </div>
          ))}
        </div>
        <p class="hint">
          A click on a tag shows only messages with it; with Shift or Alt, those without. Drag on the timeline to see a
          part of the time. Shortcuts rest while you type and can be turned off in the display menu.
        </p>
      </div>
    </Dialog>
  )
}
