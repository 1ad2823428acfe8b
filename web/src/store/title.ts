/* SPDX-License-Identifier: Apache-2.0 */
import { computed, watch } from 'vue'
import { showComplaintNumber } from '../core/complaint-number'
import type { Desk } from '../hash'
import { fill, words } from '../i18n'
import { chosen, chosenNumberOf, desk, fileShown, group, view } from './choice'
import type { Live } from './live'

function deskTitle(shown: Desk): string {
  const { mine, report, title } = words.value.complaint
  if (shown.kind !== 'complaint') return shown.kind === 'mine' ? mine : report
  return fill(title, { number: showComplaintNumber(shown.id) })
}

/** The window's title names what was chosen: in the history, among tabs, to who hears it. */
export function useTitle(live: Live): void {
  const number = chosenNumberOf(live)
  const first = computed(() => {
    void live.version.value
    const { file, site, group: together, outages } = words.value
    if (fileShown.value) return file.title
    if (desk.value) return deskTitle(desk.value)
    if (chosen.value) {
      const id = fill(site.title, { site: chosen.value.id })
      const place = live.lists.value.sites.placeOf[number.value] ?? ''
      return place === '' ? id : `${fill(site.nearTitle, { place })}, ${id}`
    }
    if (group.value?.kind === 'area') return fill(together.areaTitle, { area: group.value.name })
    if (group.value) return group.value.name
    return view.value === 'list' ? outages.title : ''
  })
  const title = computed(() => {
    const { name } = words.value
    return first.value === '' ? name : `${first.value} – ${name}`
  })
  watch(title, (text) => (document.title = text), { immediate: true })
}
