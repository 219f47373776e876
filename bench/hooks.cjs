// Loaded by n8n itself (EXTERNAL_HOOK_FILES): writes one line for each run to the file that BENCH_REPORT names.
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
let begun;
let idle;

/** Of this process, in bytes. Linux counts the highest since the counter was last set back. */
const memory = (name) =>
	Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;

module.exports = {
	workflow: {
		preExecute: [
			async () => {
				// Where time is measured, each run begins without the garbage of the one before.
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
