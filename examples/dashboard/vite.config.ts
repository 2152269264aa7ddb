import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

// Builds from the packages' sources: nothing has to be built before it.
export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@tickwire/source', ...defaultClientConditions] },
  server: { proxy: { '/ws': { target: 'ws://localhost:3001', ws: true }, '/api': 'http://localhost:3001' } },
  build: {
    // Browsers that know the page's colours (`light-dark`) preload modules by themselves.
    modulePreload: { polyfill: false },
    // What the first view needs comes in one piece: it compresses better than the pieces that later views share with it.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
});
