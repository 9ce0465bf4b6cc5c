// three carries no types of its own; the rendering oracle uses a handful of its classes.
declare module "three";
