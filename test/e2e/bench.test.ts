import { execFileSync } from 'node:child_process';

import { PROJECT } from './realN8n';

const MINUTES = 60_000;

test(
	'the benchmark reads whole lists with every contender, and says so',
	() => {
		const args = ['--import', 'tsx', 'bench/bench.ts', '--smoke'];
		const printed = execFileSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' });
		const rows = printed.split('\n').filter((line) => line.startsWith('|'));
		// Each contender at both latencies: the benchmark itself refuses a list that isn't whole.
		const speeds = rows.filter((row) => /\| [\d,]+ \| [\d,]+ \|$/.test(row));
		expect(speeds.map((row) => row.split(' | ')[0].slice(2))).toEqual([
			'Bare loop',
			'Bare loop, a connection for each page',
			"The same loop with n8n's HTTP helper",
			'This node, in-process, 1 request at once',
			'This node, in-process, 1 at once, simplified',
			'This node, in-process, 4 at once',
			'This node, in-process, 4 at once, simplified',
			'This node in n8n, 1 at once',
			'This node in n8n, 1 at once, simplified',
			'This node in n8n, 4 at once',
			'This node in n8n, 4 at once, simplified',
			'This node in n8n, 8 at once',
			'HTTP Request + Split Out in n8n',
			'Declarative node in n8n',
			'The least that a node can do, in n8n',
		]);
		expect(rows).toContainEqual(expect.stringMatching(/^\| Export to CSV in n8n \| 3,000 \|.* MB \|/));
		expect(rows).toContainEqual(expect.stringMatching(/^\| Size of dist \| ≤ 480 KB \| \d+ KB \|/));
	},
	5 * MINUTES,
);
