using System.Diagnostics;
using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using YamlDotNet.Core;

// Prints the seconds of loading and validating a project, and of YamlDotNet's parser alone over the same files,
// each at its best: whatever else runs on the machine only adds to either.
var folder = args[0];
var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 101;
var warmUp = TimeSpan.FromSeconds(15);
var files = Directory.GetFiles(folder, "charly.yml", SearchOption.AllDirectories);
var environment = CharlyEnvironment.FromProcess(folder);
var (ours, theirs) = (new List<double>(), new List<double>());

// They take turns, so that neither has the better moment, and warm up until the runtime has compiled what it will.
var warm = Stopwatch.StartNew();
while (ours.Count < runs)
{
    var begin = Stopwatch.GetTimestamp();
    var report = await new ValidateProject(new CharlyContext(environment, projectFolder: folder)).RunAsync();
    var middle = Stopwatch.GetTimestamp();
    var events = files.Sum(Parse);
    var end = Stopwatch.GetTimestamp();
    if (!report.IsValid || events == 0) throw new InvalidOperationException($"{folder} is not valid");
    if (warm.Elapsed < warmUp) continue;
    ours.Add(Stopwatch.GetElapsedTime(begin, middle).TotalSeconds);
    theirs.Add(Stopwatch.GetElapsedTime(middle, end).TotalSeconds);
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ours.Min():0.0000} {theirs.Min():0.0000} {files.Length}"));

static int Parse(string file)
{
    var events = 0;
    var parser = new Parser(new Scanner(new StringReader(File.ReadAllText(file)), skipComments: true));
    while (parser.MoveNext()) events++;
    return events;
}
