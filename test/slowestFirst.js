const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take minutes. jest knows by itself only what it has run before. */
const SLOW = [
	'e2e/records',
	'e2e/browser',
	'e2e/firstHour',
	'e2e/examples',
	'e2e/start',
	'e2e/trigger',
	'e2e/queue',
	'e2e/bench',
	'simulation/simulation',
	'simulation/plugchoice',
	'node/paging.atOnce',
	'node/paging.voltTime',
	'packaging/package',
	'node/trigger.readings',
	'node/hostileAnswers',
	'node/faults',
].map((name) => `/test/${name}.test.ts`);

/** Begins with the slow files, so that none of them is alone at the end. */
module.exports = class extends Sequencer {
	sort(tests) {
		const place = ({ path }) => {
			const found = SLOW.findIndex((file) => path.replaceAll('\\', '/').endsWith(file));
			return found < 0 ? SLOW.length : found;
		};
		return super.sort(tests).sort((one, other) => place(one) - place(other));
	}
};
