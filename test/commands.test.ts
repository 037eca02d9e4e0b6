import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/rig.ts';

const verbs = [
  ...[
    'init',
    'doctor',
    'config',
    'completion',
    'collect',
    'resume',
    'capture',
    'captures',
    'schedule',
    'watch',
    'event',
    'maintenance',
    'ack',
    'resolved',
    'weekly',
  ],
  ...['submit', 'upload', 'ticket', 'verify', 'inspect', 'diff', 'report', 'runs', 'demo', 'mock'],
].join('|');
/** In a string, or in the source of a template; the version of icepack is no command. */
const written = new RegExp(`\\bicepack (?:(?:${verbs})\\b|--\\w|\\$\\{(?!program\\.version|packageVersion\\())`);
/** What stands below the help of a verb, or of the program. */
const help = /(?:^|\\n|\n)(?:Examples|Start here):/;
/** The mock is no part of the tool; a new configuration is a file with comments; the help is text of examples, and so is the manual. */
const mayHaveCommands = /\/src\/(?:mock\/|init\/compose\.ts|commands\/program-help\.ts|manual\/)/;

/** The program, with its own types alone: those of libraries take long, and are of no use here. */
function ownProgram(): { checker: ts.TypeChecker; sources: ts.SourceFile[] } {
  const config = ts.readConfigFile(join(projectRoot, 'tsconfig.json'), ts.sys.readFile).config;
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot);
  const options = { ...parsed.options, types: [] };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, file) =>
    names.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, file, options, host) : { resolvedModule: undefined },
    );
  const program = ts.createProgram(parsed.fileNames, options, host);
  const sources = program.getSourceFiles().filter(({ fileName }) => parsed.fileNames.includes(fileName));
  return { checker: program.getTypeChecker(), sources };
}

const { checker, sources } = ownProgram();

function nodesOf(source: ts.SourceFile, isWanted: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (isWanted(node)) found.push(`${source.fileName}: ${node.getText(source)}`);
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

function hasWrittenCommand(node: ts.Node): boolean {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return false;
  const text = ts.isTemplateExpression(node) ? node.getText() : node.text;
  return written.test(text) && !help.test(text);
}

/** What becomes part of a plain string here. */
function stringParts(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent))
    return node.templateSpans.map(({ expression }) => expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return [node.left, node.right];
  return ts.isCallExpression(node) && node.expression.getText() === 'String' ? node.arguments : [];
}

function mayBeCommand(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some(mayBeCommand);
  const declarations = type.symbol?.declarations ?? [];
  return declarations.some((each) => each.getSourceFile().fileName.endsWith('/src/domain/command.ts'));
}

describe('commands that are printed', () => {
  it('are values, and stand in no text', () => {
    const own = sources.filter(({ fileName }) => !mayHaveCommands.test(fileName));

    expect(own.length).toBeGreaterThan(200);
    expect(own.flatMap((source) => nodesOf(source, hasWrittenCommand))).toEqual([]);
  });

  it('are put into no plain string, where they would lose their configuration', () => {
    const isLost = (node: ts.Node) => stringParts(node).some((part) => mayBeCommand(checker.getTypeAtLocation(part)));

    expect(sources.flatMap((source) => nodesOf(source, isLost))).toEqual([]);
  });
});
