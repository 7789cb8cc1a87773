"""What the controller does with folders that code of others can write: by descriptors, one name at a time.

No link is ever followed below the folder that the controller names, and nothing but plain files is read.
"""
