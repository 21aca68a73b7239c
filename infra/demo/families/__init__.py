"""The families themselves, as data: `infra/demo/story.py` reads the files beside this one."""
