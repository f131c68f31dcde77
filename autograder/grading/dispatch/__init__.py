"""A class -> jobs -> local or Dask workers -> gradebook."""
