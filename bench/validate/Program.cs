using System.Diagnostics;
using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using YamlDotNet.Core;

// Prints the median seconds of loading and validating a project, and of YamlDotNet's parser alone over the same files.
var folder = args[0];
var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 21;
var files = Directory.GetFiles(folder, "charly.yml", SearchOption.AllDirectories);
var environment = CharlyEnvironment.FromProcess(folder);
var (ours, theirs) = (new List<double>(), new List<double>());

// Both get as long to warm up as they are measured for, and take turns, so that neither has the better moment.
for (var run = 0; run < 2 * runs; run++)
{
    var begin = Stopwatch.GetTimestamp();
    var report = await new ValidateProject(new CharlyContext(environment, projectFolder: folder)).RunAsync();
    var middle = Stopwatch.GetTimestamp();
    var events = files.Sum(Parse);
    var end = Stopwatch.GetTimestamp();
    if (!report.IsValid || events == 0) throw new InvalidOperationException($"{folder} is not valid");
    if (run < runs) continue;
    ours.Add(Stopwatch.GetElapsedTime(begin, middle).TotalSeconds);
    theirs.Add(Stopwatch.GetElapsedTime(middle, end).TotalSeconds);
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Median(ours):0.0000} {Median(theirs):0.0000} {files.Length}"));

static int Parse(string file)
{
    var events = 0;
    var parser = new Parser(new Scanner(new StringReader(File.ReadAllText(file)), skipComments: true));
    while (parser.MoveNext()) events++;
    return events;
}

static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
