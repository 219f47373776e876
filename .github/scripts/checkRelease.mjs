// Before a version is published: the tag, package.json and CHANGELOG.md have to tell of the same version.
//   node .github/scripts/checkRelease.mjs v0.2.0
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} tag
 * @param {string} version of package.json
 * @param {string} changelog in the format of Keep a Changelog
 * @returns {string | undefined} what is wrong
 */
export function whatIsWrong(tag, version, changelog) {
	if (tag !== `v${version}`) return `The tag is ${tag}, but package.json has the version ${version}.`;
	const sections = changelog.split(/^## /m).slice(1);
	const section = sections.find((text) => text.startsWith(`[${version}]`));
	if (!section) return `CHANGELOG.md has no "## [${version}]".`;
	const [title, ...lines] = section.split('\n');
	const date = /^\[[^\]]+\] - (\d{4}-\d{2}-\d{2})$/.exec(title)?.[1];
	if (!date || Number.isNaN(Date.parse(date)))
		return `CHANGELOG.md has "## ${title}". Write the day of the release: "## [${version}] - 2026-01-31".`;
	if (!lines.some((line) => line.startsWith('- '))) return `CHANGELOG.md tells no change of ${version}.`;
	return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
	const wrong = whatIsWrong(process.argv[2] ?? '', version, readFileSync('CHANGELOG.md', 'utf8'));
	if (wrong) {
		console.error(wrong);
		process.exit(1);
	}
}
