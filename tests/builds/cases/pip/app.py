import docopt
import future

arguments = docopt.docopt("Usage: app [NAME]", [])
print("docopt", arguments["NAME"], "future", future.__version__)
