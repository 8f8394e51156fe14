// Lets a numbered SQL file be imported as text; Bun puts it into the executable.
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "*.sh" {
  const text: string;
  export default text;
}
