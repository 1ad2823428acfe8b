/* SPDX-License-Identifier: Apache-2.0 */
import { createApp } from 'vue'
import App from './App.vue'
import { startLanguage } from './i18n'
import { readAddress } from './store/choice'
import { createLive, liveKey } from './store/live'
import './styles/base.css'
import './styles/layout.css'
import './styles/map.css'
import './styles/sheet.css'

startLanguage(readAddress().lang)
createApp(App).provide(liveKey, createLive()).mount('#app')
