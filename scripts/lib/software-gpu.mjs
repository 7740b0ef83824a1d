// A Vulkan device in software: SwiftShader, which Chromium contains.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findChromium } from './chromium.mjs'

const DRIVER = 'vk_swiftshader_icd.json'
const LOADER = 'libvulkan.so.1'
const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib64']
const ICDS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']

/** Folders that may contain Chromium's driver. @returns {string[]} */
function folders() {
  const chromium = findChromium()
  return [
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/opt/google/chrome',
    ...(chromium === null ? [] : [dirname(realpathSync(chromium))]),
  ]
}

/** Environment variables that make a process use SwiftShader; null if it is not installed. @returns {Record<string, string> | null} */
export function softwareGpu() {
  if (process.platform !== 'linux') return null
  const folder = folders().find((path) => existsSync(join(path, DRIVER)))
  if (folder === undefined) return null
  const hasLoader = LIBRARIES.some((path) => existsSync(join(path, LOADER)))
  if (!hasLoader && !existsSync(join(folder, LOADER))) return null
  const before = process.env.LD_LIBRARY_PATH
  return {
    VK_ICD_FILENAMES: join(folder, DRIVER),
    // Chromium's own loader, only if the system has none
    ...(hasLoader ? {} : { LD_LIBRARY_PATH: before ? `${before}:${folder}` : folder }),
  }
}

/** True if this system has a Vulkan driver, or an environment variable names one. */
export const hasVulkanDriver = () =>
  process.platform !== 'linux' ||
  process.env.VK_ICD_FILENAMES !== undefined ||
  process.env.VK_DRIVER_FILES !== undefined ||
  ICDS.some((path) => existsSync(path))
