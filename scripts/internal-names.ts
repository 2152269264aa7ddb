/**
 * Which property names of a package are its own business, so that its build may shorten them: only its sources declare
 * them, nothing that leads outside has them, and none is ever written as a text.
 */
import path from 'node:path';
import ts from 'typescript';

function isMember(node: ts.Node): node is ts.NamedDeclaration {
  return (
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isAccessor(node)
  );
}

function nameOf(node: ts.Node): string | undefined {
  const { name } = node as ts.NamedDeclaration;
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}

const isPrivate = (node: ts.Node): boolean => {
  const { name } = node as ts.NamedDeclaration;
  return name !== undefined && ts.isPrivateIdentifier(name);
};

/** Looks at one package: `home` is its folder, `entries` its public sources. */
class Survey {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #folder: string;
  readonly #declared = new Set<string>();
  readonly #reserved = new Set<string>();
  readonly #shown = new Set<ts.Symbol | ts.Type>();

  constructor(home: string, roots: readonly string[]) {
    const file = path.join(home, 'tsconfig.json');
    const config = ts.parseJsonConfigFileContent(
      ts.readConfigFile(file, (name) => ts.sys.readFile(name)).config,
      ts.sys,
      home,
    );
    this.#program = ts.createProgram(roots, { ...config.options, noEmit: true });
    this.#checker = this.#program.getTypeChecker();
    this.#folder = path.join(home, 'src') + path.sep;
    for (const source of this.#program.getSourceFiles()) {
      if (!source.fileName.startsWith(this.#folder)) {
        // A message of the protocol may be taken for a shape of the package's own: every name of a dependency stays.
        const isPlatform =
          this.#program.isSourceFileDefaultLibrary(source) || source.fileName.includes('/@types/node/');
        if (!isPlatform) this.#reserveIn(source);
        continue;
      }
      this.#look(source);
      // What this folder declares describes the platform.
      if (source.fileName.startsWith(path.join(this.#folder, 'io'))) this.#reserveIn(source);
    }
    for (const root of roots) {
      const source = this.#program.getSourceFile(root);
      const module = source === undefined ? undefined : this.#checker.getSymbolAtLocation(source);
      if (module !== undefined) for (const symbol of this.#checker.getExportsOfModule(module)) this.#show(symbol);
    }
  }

  get names(): string[] {
    return [...this.#declared].filter((name) => !this.#reserved.has(name)).sort();
  }

  #isOwn(node: ts.Node): boolean {
    return node.getSourceFile().fileName.startsWith(this.#folder);
  }

  #reserveUnlessOwn(symbol: ts.Symbol | undefined, name: string): void {
    const declarations = symbol?.declarations ?? [];
    if (declarations.length === 0 || !declarations.every((each) => this.#isOwn(each))) this.#reserved.add(name);
  }

  #reserveIn(node: ts.Node): void {
    const isNamed = isMember(node) || ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
    const name = isNamed ? nameOf(node) : undefined;
    if (name !== undefined) this.#reserved.add(name);
    ts.forEachChild(node, (child) => this.#reserveIn(child));
  }

  #propertyOf(type: ts.Type, name: string): ts.Symbol | undefined {
    return this.#checker.getPropertyOfType(this.#checker.getNonNullableType(type), name);
  }

  /** What a source declares, and what of it is somebody else's: by declaration, by the type wanted, or written as a text. */
  #look(node: ts.Node): void {
    const name = isMember(node) ? nameOf(node) : undefined;
    if (name !== undefined) this.#declared.add(name);
    if (ts.isStringLiteralLike(node) && !ts.isLiteralTypeNode(node.parent)) this.#reserved.add(node.text);
    else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name))
      this.#reserveUnlessOwn(this.#checker.getSymbolAtLocation(node.name), node.name.text);
    else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && node.dotDotDotToken === undefined) {
      const taken = node.propertyName ?? node.name;
      if (ts.isIdentifier(taken)) {
        const type = this.#checker.getTypeAtLocation(node.parent);
        this.#reserveUnlessOwn(this.#propertyOf(type, taken.text), taken.text);
      }
    } else if (ts.isObjectLiteralExpression(node)) this.#lookAtObject(node);
    // An assertion speaks of what came from elsewhere.
    else if (ts.isAsExpression(node)) this.#reserveIn(node.type);
    else if (ts.isTypePredicateNode(node) && node.type !== undefined) this.#reserveIn(node.type);
    ts.forEachChild(node, (child) => this.#look(child));
  }

  #lookAtObject(node: ts.ObjectLiteralExpression): void {
    const wanted = this.#checker.getContextualType(node);
    const parts = wanted === undefined ? [] : wanted.isUnion() ? wanted.types : [wanted];
    for (const member of node.properties) {
      const name = nameOf(member);
      if (name === undefined) continue;
      for (const part of parts) {
        const symbol = this.#propertyOf(part, name);
        if (symbol !== undefined) this.#reserveUnlessOwn(symbol, name);
        else if (part.getStringIndexType() !== undefined) this.#reserved.add(name);
      }
    }
  }

  /** What an export leads to is public: its declarations without bodies, and the types that they name or imply. */
  #show(symbol: ts.Symbol | undefined): void {
    if (symbol === undefined || this.#shown.has(symbol)) return;
    this.#shown.add(symbol);
    const target = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of target.declarations ?? []) if (this.#isOwn(declaration)) this.#showNode(declaration);
  }

  #showNode(node: ts.Node): void {
    if (isPrivate(node)) return;
    const name = isMember(node) ? nameOf(node) : undefined;
    if (name !== undefined) this.#reserved.add(name);
    const { type, body, initializer } = node as { type?: ts.Node; body?: ts.Node; initializer?: ts.Node };
    if (type === undefined) {
      if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node))
        this.#showType(this.#checker.getTypeAtLocation(node));
      else if (ts.isFunctionLike(node)) {
        const signature = this.#checker.getSignatureFromDeclaration(node);
        if (signature !== undefined) this.#showType(signature.getReturnType());
      }
    }
    if (ts.isIdentifier(node)) this.#show(this.#checker.getSymbolAtLocation(node));
    ts.forEachChild(node, (child) => {
      if (child !== body && child !== initializer) this.#showNode(child);
    });
  }

  #showType(type: ts.Type): void {
    if (this.#shown.has(type)) return;
    this.#shown.add(type);
    this.#show(type.symbol);
    this.#show(type.aliasSymbol);
    if (type.isUnionOrIntersection()) for (const part of type.types) this.#showType(part);
    for (const property of type.flags & ts.TypeFlags.Object ? this.#checker.getPropertiesOfType(type) : []) {
      if (property.declarations?.every((each) => this.#isOwn(each) && !isPrivate(each)) !== true) continue;
      this.#reserved.add(property.name);
      this.#showType(this.#checker.getTypeOfSymbol(property));
    }
  }
}

/** The names, sorted. `home` is the package's folder, `entries` its public sources relative to it. */
export function internalNames(home: string, entries: readonly string[]): string[] {
  return new Survey(
    home,
    entries.map((entry) => path.resolve(home, entry)),
  ).names;
}
