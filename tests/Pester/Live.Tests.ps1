param([Parameter(Mandatory)] [string] $Module)

# Against a machine that runs: see Run.ps1 for the variables.
Describe 'A machine that runs' -Tag Live {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $name = $env:CHARLY_PESTER_VM
        $candy = $env:CHARLY_PESTER_CANDY
        $name, $candy, $env:CHARLY_PESTER_PROJECT | Should -Not -BeNullOrEmpty -Because 'Run.ps1 -Live needs CHARLY_PESTER_PROJECT, _VM and _CANDY'
        Push-Location $env:CHARLY_PESTER_PROJECT
    }

    AfterAll { Pop-Location }

    It 'is listed as running, and answers' {
        (Get-CharlyVm $name).Status | Should -Be 'Running'
        (Wait-CharlyVm $name -TimeoutSec 600).Name | Should -Be $name
    }

    It 'runs commands: output, errors and exit code are apart' {
        $result = Invoke-CharlyVmCommand $name 'echo out; echo err >&2; exit 3'
        $result | Should -BeOfType OpenCharly.Execution.CommandResult
        $result.StandardOutput | Should -Be "out`n"
        $result.StandardError | Should -Match 'err'
        $result.ExitCode | Should -Be 3
        $result.Name | Should -Be $name
    }

    It 'is left within a second when the pipeline stops' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$Module'; Set-Location '$PWD'; Invoke-CharlyVmCommand $name 'echo begun; sleep 600' -Verbose")
        $handle = $shell.BeginInvoke()
        $limit = [datetime]::UtcNow.AddSeconds(60)
        while (-not ($shell.Streams.Verbose -match 'begun') -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 50 }
        $shell.Streams.Verbose -match 'begun' | Should -Not -BeNullOrEmpty
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 1.5
        $handle.IsCompleted | Should -BeTrue
        $shell.Dispose()
    }

    It 'has a console log' {
        Get-CharlyVmLog $name -Console -Tail 5 | Should -HaveCount 5
    }

    It 'takes a bundle, shows it, and does nothing the second time' {
        $first = Add-CharlyBundle "vm:$name" $candy -Yes
        $first.Failure | Should -BeNullOrEmpty
        $first.Changed | Should -BeTrue
        (Get-CharlyBundle "vm:$name").Status | Should -Be 'applied'
        (Get-CharlyLedger "vm:$name").Candies.Candy | Should -Contain $candy
        $second = Add-CharlyBundle "vm:$name" $candy -Yes
        $second.Changed | Should -BeFalse
        $second.Steps.Status | Should -Not -Contain 'Done'
    }

    It 'tells what somebody changed since, and a second add mends it' {
        Get-CharlyDrift "vm:$name" | Should -BeNullOrEmpty
        Test-CharlyBundle "vm:$name" | Should -BeTrue
        $null = Invoke-CharlyVmCommand $name 'sudo chmod 600 /etc/note.conf; echo theirs | sudo tee /etc/note.conf'
        $drift = Get-CharlyVm $name | Get-CharlyDrift | Sort-Object Kind
        $drift.Path | Select-Object -Unique | Should -Be '/etc/note.conf'
        $drift.Kind | Sort-Object | Should -Be 'Modified', 'ModeChanged'
        $drift[0].Owner | Should -Be 'root:root'
        Test-CharlyBundle "vm:$name" | Should -BeFalse
        $null = Add-CharlyBundle "vm:$name" $candy -Yes
        Test-CharlyBundle "vm:$name" | Should -BeTrue
    }

    It 'shows each step on the verbose stream and as progress' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$Module'; Set-Location '$PWD'; Add-CharlyBundle vm:$name $candy -Yes -Force -Verbose")
        $null = $shell.Invoke()
        $shell.Streams.Error | Should -BeNullOrEmpty
        $shell.Streams.Verbose.Message -match "^vm:$name" | Should -Not -BeNullOrEmpty
        $shell.Streams.Progress.Count | Should -BeGreaterThan 0
        $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
        $shell.Dispose()
    }

    It 'is as before when the bundle is removed' {
        $preview = Remove-CharlyBundle "vm:$name" -DryRun
        $preview.Undone | Should -Not -BeNullOrEmpty
        (Get-CharlyLedger "vm:$name").Candies.Candy | Should -Contain $candy
        $result = Remove-CharlyBundle "vm:$name" -Confirm:$false
        $result.Failure | Should -BeNullOrEmpty
        (Get-CharlyLedger "vm:$name").Candies.Candy | Should -Not -Contain $candy
    }

    It 'takes a plan from a file' {
        $file = Join-Path $TestDrive 'plan.json'
        Get-CharlyPlan "vm:$name" $candy -Yes | Export-CharlyPlan $file
        $result = Import-CharlyPlan $file | Invoke-CharlyPlan
        $result.Failure | Should -BeNullOrEmpty
        (Remove-CharlyBundle "vm:$name" -Confirm:$false).Failure | Should -BeNullOrEmpty
    }
}
