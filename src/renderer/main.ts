import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './api.ts'
import './app.css'

const target = document.getElementById('app')
if (!target) throw new Error('no #app in the page')
mount(App, { target, props: { connect } })
