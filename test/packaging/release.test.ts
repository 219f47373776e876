import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { load } from 'js-yaml';

const GITHUB = join(__dirname, '../../.github');

interface Job {
	permissions?: Record<string, string>;
	needs?: string;
	environment?: string;
	steps: Array<{ uses?: string; run?: string; with?: Record<string, unknown> }>;
}
interface Workflow {
	permissions?: Record<string, string>;
	jobs: Record<string, Job>;
}

const workflows = readdirSync(join(GITHUB, 'workflows')).map((file) => {
	const text = readFileSync(join(GITHUB, 'workflows', file), 'utf8');
	const { permissions, jobs } = load(text) as Workflow;
	return { file, text, permissions, jobs };
});

describe('a tag is refused before anything is built', () => {
	const changelog = (title: string, line = '- Something new.') =>
		`# Changelog\n\n${title}\n\n### Added\n\n${line}\n\n## [0.1.0] - 2026-01-31\n\n- The first.\n`;

	/** The first line that the script prints, undefined where it accepts the tag. */
	function check(tag: string, text: string, version = '0.2.0') {
		const folder = mkdtempSync(join(tmpdir(), 'ev-charging-release-'));
		try {
			writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
			writeFileSync(join(folder, 'CHANGELOG.md'), text);
			const script = join(GITHUB, 'scripts/checkRelease.mjs');
			const { status, stderr } = spawnSync(process.execPath, [script, tag], {
				cwd: folder,
				encoding: 'utf8',
			});
			return status === 0 ? undefined : stderr.trim();
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}

	it('unless it is the version of package.json with a dated entry', () => {
		expect(check('v0.2.0', changelog('## [0.2.0] - 2026-02-28'))).toBeUndefined();
	});

	it.each([
		['v0.3.0', '## [0.2.0] - 2026-02-28', 'The tag is v0.3.0, but package.json has the version 0.2.0.'],
		['0.2.0', '## [0.2.0] - 2026-02-28', 'The tag is 0.2.0'],
		['', '## [0.2.0] - 2026-02-28', 'The tag is '],
		['v0.2.0', '## [0.2.1] - 2026-02-28', 'CHANGELOG.md has no "## [0.2.0]".'],
		['v0.2.0', '## [0.2.0] - Unreleased', 'Write the day of the release'],
		['v0.2.0', '## [0.2.0]', 'Write the day of the release'],
		['v0.2.0', '## [0.2.0] - 2026-13-40', 'Write the day of the release'],
		['v0.2.0', '## [Unreleased]', 'CHANGELOG.md has no "## [0.2.0]".'],
	])('"%s" with the entry %s', (tag, title, message) => {
		expect(check(tag, changelog(title))).toContain(message);
	});

	it('with an entry that tells nothing', () => {
		expect(check('v0.2.0', changelog('## [0.2.0] - 2026-02-28', ''))).toContain('tells no change of 0.2.0');
	});
});

test('every action is pinned by the full hash of a commit, with its version beside it', () => {
	const uses = workflows.flatMap(({ text }) => text.split('\n').filter((line) => line.includes('uses:')));
	expect(uses.length).toBeGreaterThan(5);
	for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('no job keeps the token of the checkout, and none but the publishing one has more than reading', () => {
	for (const { file, permissions, jobs } of workflows) {
		for (const [name, job] of Object.entries(jobs)) {
			const expected = name === 'publish' ? { 'id-token': 'write' } : { contents: 'read' };
			expect([file, name, job.permissions ?? permissions]).toEqual([file, name, expected]);
			for (const step of job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
				expect([file, name, step.with?.['persist-credentials']]).toEqual([file, name, false]);
		}
	}
});

test('the job that publishes runs nothing but npm, on the tarball of the job that ran all tests', () => {
	const { build, publish } = workflows.find(({ file }) => file === 'publish.yml')!.jobs;
	expect(publish.needs).toBe('build');
	expect(publish.environment).toBe('npm');
	expect(publish.steps.flatMap(({ run }) => run ?? [])).toEqual([
		'npm publish ./packed/*.tgz --ignore-scripts --provenance --access public',
	]);
	const runs = build.steps.flatMap(({ run }) => run ?? []);
	expect(runs[0]).toContain('checkRelease.mjs');
	expect(runs).toContain('npm test');
});

test('the forms for issues ask for versions and warn of personal data', () => {
	const forms = ['bug.yml', 'feature.yml'].map((name) =>
		readFileSync(join(GITHUB, 'ISSUE_TEMPLATE', name), 'utf8'),
	);
	expect(forms[0]).toContain('| n8n-nodes-ev-charging | |');
	expect(forms[0]).toContain('SECURITY.md');
	for (const form of forms) expect(form).toMatch(/personal data/i);
	for (const form of forms)
		expect(load(form)).toMatchObject({ name: expect.any(String), body: expect.any(Array) });
});
