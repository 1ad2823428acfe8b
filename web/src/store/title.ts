/* SPDX-License-Identifier: Apache-2.0 */
import { computed, watch } from 'vue'
import { fill, words } from '../i18n'
import { chosen, chosenNumberOf, fileShown, group, view } from './choice'
import type { Live } from './live'

/** The window's title names what was chosen: in the history, among tabs, to who hears it. */
export function useTitle(live: Live): void {
  const number = chosenNumberOf(live)
  const first = computed(() => {
    void live.version.value
    const { file, site, group: together, outages } = words.value
    if (fileShown.value) return file.title
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
