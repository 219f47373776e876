// n8n loads this file (EXTERNAL_HOOK_FILES). It writes one line per run to the file in BENCH_REPORT.
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
let begun;
let idle;

/** Memory of this process in bytes. Linux counts the peak since the last reset of the counter. */
const memory = (name) =>
	Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;

module.exports = {
	workflow: {
		preExecute: [
			async () => {
				// For time measurements, collect the garbage of the previous run first.
				if (process.env.BENCH_COLLECT === 'true') collect();
				idle = memory('VmRSS');
				writeFileSync('/proc/self/clear_refs', '5');
				begun = performance.now();
			},
		],
		postExecute: [
			async (run, { id }) => {
				const ms = performance.now() - begun;
				const { runData, error } = run.data.resultData;
				const items = Object.values(runData).at(-1)?.at(-1)?.data?.main?.[0]?.length ?? 0;
				const report = { id, ms, items, idle, peak: memory('VmHWM'), error: error?.message };
				appendFileSync(process.env.BENCH_REPORT, `${JSON.stringify(report)}\n`);
			},
		],
	},
};
