/* SPDX-License-Identifier: Apache-2.0 */
import { createApp, h } from 'vue'

createApp({ setup: () => () => h('h1', 'Power Tracker') }).mount('#app')
