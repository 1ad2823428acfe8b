/* SPDX-License-Identifier: Apache-2.0 */
import { createApp } from 'vue'
import App from './App.vue'
import { startLanguage } from './i18n'
import { readAddress } from './store/choice'
import { firstLook } from './store/first-look'
import { createLive, liveKey } from './store/live'

void startLanguage(readAddress().lang).then(() =>
  createApp(App).provide(liveKey, createLive({ before: firstLook })).mount('#app')
)
