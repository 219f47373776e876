// `npm run check`: what tells most in little time. It looks for what changed only where it can, and gives each property fewer
// values; `npm test` leaves nothing out.
import { orSay, readOptions } from '../sandbox/commandLine.mjs';
import { checkNode, ensureProject } from '../sandbox/install.mjs';
import { quietJest, sideBySide, sumUpAfter, tool, TOOLS } from './steps.mjs';

const HELP = `The fast checks, about a minute: formatting, lint of what changed, types,
unit and contract tests. It takes no options.

For parts of the tests: npm test -- --help
`;
const PROPERTY_RUNS = '50';

orSay(() => readOptions('npm run check', HELP, {}));

await sumUpAfter(async () => {
	checkNode();
	await ensureProject();
	await sideBySide(
		'Formatting, lint, types, unit and contract tests, about 1 minute',
		[TOOLS.typesOfTests, TOOLS.types, TOOLS.lintOfChanges, TOOLS.format].map((one) => () => tool(one)),
		[
			() =>
				quietJest(
					'unit and contract tests (jest)',
					{ PROPERTY_RUNS },
					'--selectProjects',
					...['unit', 'contract'],
				),
		],
	);
});
