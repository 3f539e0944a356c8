/**
 * How things are shown: theme, density, times, shortcuts, notifications. Theme and the rest are remembered on this
 * device; what a shared link should carry goes into the address, too.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { testIds } from "../testIds.js"
import { Menu, MenuItem, Segments } from "./Menu.js"
import type { Density, TimeStyle, TimeZoneName } from "../logic/viewState.js"
import type { ThemeChoice } from "../data/Preferences.js"

export const DisplayMenu = () => {
  const page = usePage()
  const { preferences, router } = page
  const values = useSignal(preferences)
  const view = useSignal(router)
  const hasToken = useSignal(page.session.hasToken)
  return (
    <Menu label="Display" icon="sliders" testId={testIds.display}>
      {(close) => (
        <>
          <div class="menu-group">Theme</div>
          <Segments<ThemeChoice>
            label="Theme"
            testId={testIds.theme}
            value={values.theme}
            options={[
              ["system", "System"],
              ["light", "Light"],
              ["dark", "Dark"]
            ]}
            onPick={(theme) => preferences.change({ theme })}
          />
          <div class="menu-group">Rows</div>
          <Segments<Density>
            label="Density"
            value={view.density ?? values.density}
            options={[
              ["normal", "Normal"],
              ["compact", "Compact"]
            ]}
            onPick={(density) => {
              preferences.change({ density })
              router.change({ density: undefined })
            }}
          />
          <div class="menu-group">Times</div>
          <Segments<TimeZoneName>
            label="Time zone"
            value={view.zone ?? values.zone}
            options={[
              ["local", "Local"],
              ["utc", "UTC"]
            ]}
            onPick={(zone) => {
              preferences.change({ zone })
              router.change({ zone: undefined })
            }}
          />
          <div class="menu-group" />
          <Segments<TimeStyle>
            label="Time style"
            value={view.timeStyle ?? values.timeStyle}
            options={[
              ["absolute", "Absolute"],
              ["relative", "Relative"]
            ]}
            onPick={(timeStyle) => {
              preferences.change({ timeStyle })
              router.change({ timeStyle: undefined })
            }}
          />
          <div class="menu-group" />
          <label class="menu-item check">
            <input
              type="checkbox"
              checked={values.timeline}
              onChange={({ currentTarget }) => preferences.change({ timeline: currentTarget.checked })}
            />
            Timeline
          </label>
          <label class="menu-item check">
            <input
              type="checkbox"
              checked={values.titleCount}
              onChange={({ currentTarget }) => preferences.change({ titleCount: currentTarget.checked })}
            />
            Count new messages in the title
          </label>
          <label class="menu-item check">
            <input
              type="checkbox"
              checked={values.shortcuts}
              onChange={({ currentTarget }) => preferences.change({ shortcuts: currentTarget.checked })}
            />
            Keyboard shortcuts
          </label>
          <MenuItem
            icon="keyboard"
            label="All shortcuts"
            note="?"
            onPick={() => {
              close()
              page.openDialog("help")
            }}
          />
          {hasToken ? (
            <MenuItem
              icon="signOut"
              label="Forget the token"
              testId={testIds.signOut}
              onPick={() => {
                close()
                page.session.forget()
              }}
            />
          ) : null}
        </>
      )}
    </Menu>
  )
}
