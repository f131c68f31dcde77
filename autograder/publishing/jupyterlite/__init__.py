"""The in-browser edition: JupyterLite with the course in it, started in a few seconds.

downloads.py    what comes from outside: Pyodide from npm, wheels from PyPI, both held against hashes
wheels.py       this package's own wheel, and those of others made smaller
lock.py         Pyodide's list of packages: which wheels lie on the site, which on the CDN
bytecode.py     compiles, in Pyodide itself, the modules that every start imports
environment.py  where JupyterLite is installed, and its build
build.py        all of it, and JupyterLite around it, into one folder
early.js        begins Python while JupyterLab is still loading; start.mjs, worker.mjs: what it begins
narrow.js       on a phone, the list of files begins closed
"""
